import { formatRoute, isSameRoute } from "../../settings/route.ts";
import type { Subject } from "./subject.ts";

/** The routes that somebody set. Those that belong to addresses stay. */
export const routeSubject: Subject = {
  settings: ["routes"],

  read: (found, families) => ({
    routes: found.routes.list()
      .filter(({ manual, address }) => manual && families.includes(address.family))
      .map(({ manual: _, ...route }) => route),
  }),

  write({ found, present: { routes: present = [] }, wanted: { routes: wanted }, attempt }): void {
    if (wanted === undefined) return;
    for (const route of wanted) {
      const same = present.find((one) => isSameRoute(one, route));
      const text = formatRoute(route);
      if (same === undefined) attempt(`cannot add the route ${text}`, () => found.routes.add(route));
      else if ((same.metric ?? 0) !== (route.metric ?? 0)) {
        attempt(`cannot change the route ${text}`, () => found.routes.change(route));
      }
    }
    for (const one of present) {
      if (wanted.some((route) => isSameRoute(route, one))) continue;
      attempt(`cannot remove the route ${formatRoute(one)}`, () => found.routes.remove(one));
    }
  },
};
