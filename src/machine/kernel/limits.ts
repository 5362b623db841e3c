/** What programs may take of a machine. Each has a test on either side. */

/** Steps that one call to `advance` makes at most: some tens of milliseconds of computing. */
export const STEPS_A_CALL = 25_000;
/** Steps that one question for what is due looks ahead. */
export const STEPS_AHEAD = 10_000;
/** What has come in may be gone through again to look ahead, as long as it took no more steps than these so far. */
export const STEPS_TO_REPLAY = 20_000;
/** What it costs beside to start a container's or a command's process again. */
export const STEPS_A_START = 20;
/** Inputs that a machine remembers; beyond them it cannot be made again. */
export const MAX_INPUTS = 2_000;
/** Steps that a pod may make at once, after a rest. */
export const STEP_BURST = 500_000;
/** Steps a second of cluster time, once the burst is used up: beyond it a pod is slowed, as by a CPU limit. */
export const STEPS_A_SECOND = 2_000;
/** Steps of one process before others have their turn. */
export const STEPS_A_TURN = 5_000;
/** Steps that a process may make without a call that lets others have their turn; it is ended beyond. */
export const STEPS_WITHOUT_A_CALL = 20_000_000;
/** Processes of one pod, ended ones that nobody has waited for included. */
export const MAX_PROCESSES = 512;
/** Open descriptors of a process. */
export const MAX_DESCRIPTORS = 1_024;
/** Bytes that a pipe holds. */
export const PIPE_BYTES = 65_536;
/** Bytes that a process may hold of what it reads. */
export const MAX_HELD_BYTES = 32 * 1024 * 1024;
/** Bytes of files that a container writes in its own layer, or a volume holds in memory. */
export const MAX_FILE_SYSTEM_BYTES = 64 * 1024 * 1024;
/** Trees of files that pods of a cluster share. */
export const MAX_SHARED_TREES = 200;
/** Files and folders of one file system. */
export const MAX_INODES = 20_000;
/** Bytes of log that are kept of a container, the newest. */
export const MAX_LOG_BYTES = 256 * 1024;
/** Bytes of a line of a log: a longer one is cut into parts, as the runtime does. */
export const MAX_LOG_LINE_BYTES = 16 * 1024;
/** Commands that run beside a container's own at the same time, in one pod. */
export const MAX_SESSIONS = 64;
/** Bytes that wait for a session's client or to be read by its program. */
export const MAX_SESSION_BYTES = 1024 * 1024;
/** Bytes of all arguments and variables of a program. */
export const MAX_ARGUMENT_BYTES = 2 * 1024 * 1024;
/** Links that a path may lead through. */
export const MAX_LINKS = 40;
/** Bytes of a name in a folder. */
export const MAX_NAME_BYTES = 255;
/** Bytes of a path. */
export const MAX_PATH_BYTES = 4_096;
