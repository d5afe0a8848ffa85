// The pages about access, side by side above each of them.
const TABS = [
  { key: 'who_can', href: '/portal/access' },
  { key: 'matrix', href: '/portal/access/matrix' },
  { key: 'on_day', href: '/portal/access/on-day' },
  { key: 'conflicts', href: '/portal/access/conflicts' },
  { key: 'substitutes', href: '/portal/substitutes' },
  { key: 'reviews', href: '/portal/reviews' },
] as const;

type AccessTab = (typeof TABS)[number]['key'];

export const accessTabs = (current: AccessTab) => TABS.map((tab) => ({ ...tab, current: tab.key === current }));
