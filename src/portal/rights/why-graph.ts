// The picture of "why": from the person down to what he may do, by groups, assignment, role and mandate. Positions and
// short texts only; the view draws them, and says the same in a list. Ways that share a step share its box.
import type { Cause } from '../../entitlements/effective.ts';

export type Step = {
  readonly kind: 'person' | 'group' | 'given' | 'role' | 'mandate' | 'right';
  /** Steps of one kind and key are one box. */
  readonly key: string;
  readonly title: string;
  readonly note?: string;
};

type GraphNode = {
  readonly kind: Step['kind'];
  readonly x: number;
  readonly y: number;
  readonly title: string;
  readonly note: string;
};
type Graph = {
  readonly width: number;
  readonly height: number;
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  readonly nodes: readonly GraphNode[];
  /** Paths as SVG writes them. */
  readonly edges: readonly string[];
};

const NODE = { width: 232, height: 58 };
const GAP = { x: 28, y: 34 };
const MARGIN = 4;
/** More ways than these are in the list only: a picture of twenty explains nothing. */
const MOST_WAYS = 4;
const LONGEST = { title: 27, note: 34 };

/** The steps of one cause, the person first. `words` makes their texts. */
export function stepsOf(
  cause: Cause,
  words: {
    readonly person: Step;
    readonly right: Step;
    readonly given: (cause: Cause) => Pick<Step, 'title' | 'note'>;
    readonly kinds: Readonly<Record<'group' | 'role', string>>;
    readonly mandates: (ids: readonly string[]) => readonly Step[];
  },
): Step[] {
  return [
    words.person,
    ...cause.groupPath.map(({ id, name }): Step => ({ kind: 'group', key: id, title: name, note: words.kinds.group })),
    { kind: 'given', key: cause.assignmentId, ...words.given(cause) },
    ...(cause.role
      ? [{ kind: 'role' as const, key: cause.role.id, title: cause.role.name, note: words.kinds.role }]
      : []),
    ...words.mandates(cause.mandates),
    words.right,
  ];
}

/** One lane per way. Steps stand in rows by their place: groups below the person, what is given above what it gives. */
export function layOut(all: readonly (readonly Step[])[]): Graph {
  const ways = all.slice(0, MOST_WAYS);
  const rows = rowsOf(ways);
  const lane = (index: number): number => MARGIN + index * (NODE.width + GAP.x);
  const lanes = new Map<string, number[]>();
  const at = (step: Step, row: number): string => `${row} ${step.kind} ${step.key}`;
  for (const [index, way] of ways.entries()) {
    for (const [step, row] of rowed(way, rows)) {
      const key = at(step, row);
      lanes.set(key, [...(lanes.get(key) ?? []), lane(index)]);
    }
  }
  const xOf = (key: string): number => {
    const xs = lanes.get(key) ?? [];
    return xs.reduce((sum, x) => sum + x, 0) / Math.max(1, xs.length);
  };
  const yOf = (row: number): number => MARGIN + row * (NODE.height + GAP.y);
  const nodes = new Map<string, GraphNode>();
  const edges = new Set<string>();
  for (const way of ways) {
    const placed = rowed(way, rows);
    for (const [i, [step, row]] of placed.entries()) {
      const key = at(step, row);
      nodes.set(key, {
        kind: step.kind,
        x: xOf(key),
        y: yOf(row),
        title: cut(step.title, LONGEST.title),
        note: cut(step.note ?? '', LONGEST.note),
      });
      const next = placed[i + 1];
      if (next) edges.add(edge(xOf(key), yOf(row), xOf(at(...next)), yOf(next[1])));
    }
  }
  return {
    width: 2 * MARGIN + ways.length * NODE.width + Math.max(0, ways.length - 1) * GAP.x,
    height: 2 * MARGIN + rows.total * NODE.height + Math.max(0, rows.total - 1) * GAP.y,
    nodeWidth: NODE.width,
    nodeHeight: NODE.height,
    nodes: [...nodes.values()],
    edges: [...edges],
  };
}

type Rows = { readonly groups: number; readonly role: number; readonly mandates: number; readonly total: number };

function rowsOf(ways: readonly (readonly Step[])[]): Rows {
  const most = (kind: Step['kind']): number =>
    Math.max(0, ...ways.map((way) => way.filter((step) => step.kind === kind).length));
  const [groups, role, mandates] = [most('group'), most('role'), most('mandate')];
  return { groups, role, mandates, total: 1 + groups + 1 + role + mandates + 1 };
}

function rowed(way: readonly Step[], rows: Rows): [Step, number][] {
  let group = 0;
  let mandate = 0;
  return way.map((step): [Step, number] => {
    switch (step.kind) {
      case 'person':
        return [step, 0];
      case 'group':
        return [step, ++group];
      case 'given':
        return [step, rows.groups + 1];
      case 'role':
        return [step, rows.groups + 2];
      case 'mandate':
        return [step, rows.groups + 2 + rows.role + mandate++];
      case 'right':
        return [step, rows.total - 1];
    }
  });
}

/** From the person it bends at once, and elsewhere at the end: in between it keeps to its own lane and passes no box. */
function edge(fromX: number, fromY: number, toX: number, toY: number): string {
  const [x1, y1, x2, y2] = [fromX + NODE.width / 2, fromY + NODE.height, toX + NODE.width / 2, toY - 5];
  if (x1 === x2) return `M${x1} ${y1}V${y2}`;
  // A short straight end, so that the arrow points down.
  const bend = GAP.y - 14;
  const curve = (y: number): string => `C${x1} ${y + bend / 2} ${x2} ${y + bend / 2} ${x2} ${y + bend}`;
  return fromY === MARGIN
    ? `M${x1} ${y1}${curve(y1)}V${y2}`
    : `M${x1} ${y1}V${y2 - bend - 8}${curve(y2 - bend - 8)}V${y2}`;
}

const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1).trimEnd()}…`;
