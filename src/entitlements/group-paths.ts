// By which nesting a group reaches a user: paths from each of his own groups upwards. Pure.
import type { GroupStep } from './snapshot.ts';

/** Groups nested in a lattice have paths without number; the shortest ones explain enough. */
const MOST = 16;

/**
 * The shortest paths to each group that reaches the user, at most 16 each, own groups first.
 * @param memberOf ids of the groups that he is a member of himself
 * @param nesting child and parent
 */
export function groupPaths(
  memberOf: readonly string[],
  nesting: readonly (readonly [child: string, parent: string])[],
  groups: readonly (readonly [id: string, name: string])[],
): Map<string, GroupStep[][]> {
  const names = new Map(groups);
  const parents = Map.groupBy(nesting, ([child]) => child);
  const paths = new Map<string, GroupStep[][]>();
  const step = (id: string): GroupStep => ({ id, name: names.get(id) ?? '' });
  let front = memberOf.map((id) => [step(id)]);
  while (front.length > 0) {
    const taken = front.filter((path) => {
      const id = (path.at(-1) as GroupStep).id;
      const sofar = paths.get(id);
      if (sofar === undefined) paths.set(id, [path]);
      else if (sofar.length < MOST) sofar.push(path);
      else return false;
      return true;
    });
    front = taken.flatMap((path) =>
      (parents.get((path.at(-1) as GroupStep).id) ?? [])
        .filter(([, parent]) => !path.some(({ id }) => id === parent))
        .map(([, parent]) => [...path, step(parent)]),
    );
  }
  return paths;
}
