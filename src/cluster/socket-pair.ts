/** Two ends of one WebSocket, of the platform's: who gets which is up to the caller. */
export const socketPair = (): [WebSocket, WebSocket] => Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
