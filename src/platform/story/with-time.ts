/** The same with its instant, from milliseconds, as a timestamp. */
export const withTime = <T extends { time?: number }>({ time, ...rest }: T) => ({
  ...rest,
  ...(time === undefined ? {} : { time: new Date(time).toISOString() }),
});
