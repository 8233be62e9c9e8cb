// Which charts there are.

import { Chart } from "./chart.js";
import { dollars, number, seconds } from "./format.js";

const perSecond = (value) => (value === null ? "–" : `${number(value)}/s`);

/** All of them, in one grid; what is pointed at in one is pointed at in all. `target` gives the wait that is aimed at. */
export function charts(place, target) {
  const all = [
    {
      id: "arrivals", title: "Arrivals", unit: perSecond, empty: "Nothing known",
      series: [{ name: "arrived", label: "asked for", tone: "t1" }, { name: "served", label: "classified", tone: "t2", dashed: true }],
    },
    {
      id: "backlog", title: "Backlog", unit: number, whole: true, stack: ["inFlight", "queued"], empty: "Nothing known",
      series: [{ name: "queued", label: "waiting", tone: "t2" }, { name: "inFlight", label: "in work", tone: "t1" }],
    },
    {
      id: "oldest", title: "Oldest wait", unit: seconds, guide: target, empty: "Nobody has waited",
      series: [{ name: "oldest", label: "longest", tone: "t4" }],
    },
    {
      id: "workers", title: "Workers", kind: "wide", unit: number, whole: true, stack: ["busy", "idle", "launching", "draining"], empty: "Nothing known",
      series: [
        { name: "busy", label: "busy", tone: "t1" },
        { name: "idle", label: "idle", tone: "t6" },
        { name: "launching", label: "launching", tone: "t2" },
        { name: "draining", label: "leaving", tone: "t4" },
        { name: "desired", label: "wanted", tone: "ink", stairs: true },
        { name: "criterion", label: "criterion would want", tone: "t5", stairs: true, dashed: true },
      ],
    },
    {
      id: "latency", title: "Time to an answer", unit: seconds, empty: "Nothing was answered",
      series: [{ name: "p50", label: "p50", tone: "t1" }, { name: "p95", label: "p95", tone: "t2" }, { name: "p99", label: "p99", tone: "t4" }],
    },
    { id: "errors", title: "Errors by code", unit: number, whole: true, bars: true, series: [], empty: "None in this time" },
    {
      id: "hourly", title: "Cost per hour", unit: dollars, empty: "Workers cost nothing here",
      series: [{ name: "hourly", label: "all workers", tone: "t3" }],
    },
    {
      id: "thousand", title: "Cost per 1 000 pictures", unit: dollars, empty: "Workers cost nothing here",
      series: [{ name: "perThousand", label: "of late", tone: "t3" }],
    },
  ];
  const made = all.map((about) => new Chart(about, (time) => made.forEach((chart) => chart.point(time))));
  place.append(...made.map(({ element }) => element));
  return (frame) => made.forEach((chart) => chart.show(frame));
}
