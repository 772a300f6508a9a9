import { lstatSync, rmSync } from 'node:fs';

/** @throws Error in one line if there is something that is not a symbolic link */
export function removeLink(link: string): void {
  const status = lstatSync(link, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isSymbolicLink()) throw new Error(`${link} is there and not a link: name another path`);
  rmSync(link);
}
