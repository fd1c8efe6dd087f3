/** A Set that is made with its first element: most units of work, and nearly all forks, need few of theirs. */
export class LateSet<T> implements Iterable<T> {
  private elements: Set<T> | undefined;

  get size(): number {
    return this.elements?.size ?? 0;
  }

  has(element: T): boolean {
    return this.elements?.has(element) ?? false;
  }

  add(element: T): void {
    (this.elements ??= new Set()).add(element);
  }

  delete(element: T): void {
    this.elements?.delete(element);
  }

  clear(): void {
    this.elements = undefined;
  }

  forEach(visit: (element: T) => void): void {
    this.elements?.forEach(visit);
  }

  [Symbol.iterator](): Iterator<T> {
    return (this.elements ?? NONE)[Symbol.iterator]();
  }
}

const NONE: readonly never[] = [];
