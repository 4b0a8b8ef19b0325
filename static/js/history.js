// How each variant's costs fell: what the server kept before this page was opened, then what the records bring.
const MAX_POINTS = 400;

export class History {
  // `kept` is the job's history: for each variant its criteria, and points [seconds, broken, unplaced, cost, ...criteria].
  constructor(kept) {
    this.lines = new Map();
    for (const [label, { criteria, points }] of Object.entries(kept?.variants ?? {})) {
      this.lines.set(label, points.map(([at, broken, unplaced, soft, ...amounts]) => {
        const parts = Object.fromEntries(criteria.map((id, index) => [id, amounts[index]]));
        return { at, broken, unplaced, soft, parts };
      }));
    }
  }

  // A record's variant. A point stands where the improvement was made, also where the news of it comes later.
  add(variant, startedAt, isSoft) {
    const { label, broken, unplaced, soft, breakdown, improved_at: improvedAt } = variant;
    const points = this.lines.get(label) ?? [];
    const last = points.at(-1);
    const parts = Object.fromEntries(Object.entries(breakdown).filter(([id]) => isSoft(id)));
    const at = Math.max(0, improvedAt - startedAt, last?.at ?? 0);
    if (last && last.soft === soft && last.broken === broken && last.unplaced === unplaced) return;
    points.push({ at, broken, unplaced, soft, parts });
    // Every second point of the older half goes: the shape stays, the store is bounded.
    const kept = points.length > MAX_POINTS ? points.filter((_, index) => index % 2 === 0 || index > MAX_POINTS / 2) : points;
    this.lines.set(label, kept);
  }

  points(label) {
    return this.lines.get(label) ?? [];
  }

  // The criteria that ever cost this variant anything, in the order of `all`.
  criteria(label, all) {
    const points = this.points(label);
    return all.filter((id) => points.some((point) => point.parts[id] > 0));
  }
}
