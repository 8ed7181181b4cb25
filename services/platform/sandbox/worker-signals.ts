// Places in the shared signals of a job; in a module of their own, since importing a worker's would start one.

/** Anything but 0: the job is to return early. */
export const STOP = 0;
/** How often the job was fed or told to stop; whoever waits for food is woken up by it. */
export const FED = 1;
