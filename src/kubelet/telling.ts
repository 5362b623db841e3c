/**
 * How often the kubelet says the same: the real event recorder lets some two dozen through and then one in five minutes, and what
 * is not told need not be tried either, for news of what is missing wakes the pod. Models client-go/tools/record (EventSourceObjectSpamFilter).
 */
export const TOLD_ONE_BY_ONE = 20;
export const TOLD_AGAIN_MS = 300_000;
