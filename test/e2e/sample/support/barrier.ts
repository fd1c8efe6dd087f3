/** Lets `parties` callers go on together, once all of them have come. */
export function barrier(parties: number): () => Promise<void> {
  let open: () => void;
  let missing = parties;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return () => {
    if (--missing <= 0) open();
    return opened;
  };
}
