/** How long what a node does takes, in milliseconds. What it shows in between it shows only where there is a between. */
export interface Pace {
  /** Until the sandbox stands, and from there until it has its address. */
  sandbox: number;
  address: number;
  /** Between two looks at what the containers do: an end is seen at the next one. */
  look: number;
  /** From what a sync has seen to what the next makes of it. */
  step: number;
  /** Until the pod is over when its containers are. */
  over: number;
  /** After a container's start, until its probes are first tried. */
  probe: number;
  /** From a sync that finds a container unready to the look at it that follows. */
  trigger: number;
  /** After a program has taken its leave, until that is seen: long enough that the others see it go. */
  leave: number;
  /** After a pod's containers have been stopped, until its object is let go. */
  cleanup: number;
  /** From a sync that finds the back-off over, and tells of it, to the start that it makes. */
  again: number;
  /** After its back-off is over, until a container is started again. */
  backOff: number;
}

export const INSTANT: Pace = {
  sandbox: 0,
  address: 0,
  look: 0,
  step: 0,
  over: 0,
  probe: 0,
  trigger: 0,
  leave: 500,
  cleanup: 0,
  again: 0,
  backOff: 0,
};

/** As the recordings of a node have it: what it looks at each second it sees half a second late. */
export const REALISTIC: Pace = {
  sandbox: 1000,
  address: 500,
  look: 500,
  step: 300,
  over: 1500,
  probe: 500,
  trigger: 50,
  leave: 500,
  cleanup: 900,
  again: 150,
  backOff: 1000,
};

export const paceOf = (pace: 'instant' | 'realistic' | undefined): Pace => (pace === 'realistic' ? REALISTIC : INSTANT);
