// Bars that ease towards the server's value: never back, never ahead of it, and to 100 in 600 ms.
const DAMPING = 0.85;
const EPSILON = 0.05;
const COMPLETION_MS = 600;
const FRAME_MS = 1000 / 60;

// One frame of damped velocity. Returns the new {shown, velocity}; shown stays within [shown, target].
export function barStep({ shown, velocity }, target, acceleration) {
  if (target - shown <= EPSILON) return { shown: Math.max(shown, target), velocity: 0 };
  const next = (velocity + (target - shown) * acceleration) * DAMPING;
  return { shown: Math.min(target, shown + Math.max(0, next)), velocity: next };
}

export function cubicEaseOut(share) {
  return 1 - (1 - share) ** 3;
}

export class Bar {
  constructor(element, { acceleration = 0.02, hasHue = false } = {}) {
    this.element = element;
    this.fill = element.firstElementChild;
    this.acceleration = acceleration;
    this.hasHue = hasHue;
    this.target = 0;
    this.state = { shown: 0, velocity: 0 };
    this.completion = null;
    this.frame = null;
    this.isStill = window.matchMedia("(prefers-reduced-motion: reduce)");
  }

  // The server's value. A smaller one is ignored; restart() is for a new stage.
  set(value) {
    this.target = Math.min(100, Math.max(this.target, value));
    this.element.setAttribute("aria-valuenow", String(this.target));
    if (this.target === 100 && !this.completion) this.completion = { from: this.state.shown, since: null };
    if (this.isStill.matches) this.jump(this.target);
    else if (this.frame === null) this.frame = requestAnimationFrame((now) => this.tick(now, now - FRAME_MS));
  }

  // Shows a value at once: after a reload the bar stands where it stood.
  jump(value) {
    this.target = Math.max(this.target, value);
    this.state = { shown: value, velocity: 0 };
    this.element.setAttribute("aria-valuenow", String(this.target));
    this.draw();
  }

  restart() {
    this.target = 0;
    this.completion = null;
    this.state = { shown: 0, velocity: 0 };
    this.draw();
  }

  tick(now, before) {
    this.frame = null;
    if (this.completion) this.complete(now);
    else {
      // A slow display takes as many steps as a quick one in the same time; a sleeping tab catches up in a second.
      const steps = Math.max(1, Math.min(60, Math.round((now - before) / FRAME_MS)));
      for (let step = 0; step < steps; step += 1) this.state = barStep(this.state, this.target, this.acceleration);
    }
    this.draw();
    if (this.state.shown < this.target) this.frame = requestAnimationFrame((next) => this.tick(next, now));
  }

  complete(now) {
    this.completion.since ??= now;
    const share = Math.min(1, (now - this.completion.since) / COMPLETION_MS);
    this.state.shown = this.completion.from + (100 - this.completion.from) * cubicEaseOut(share);
  }

  draw() {
    const { shown } = this.state;
    this.fill.style.transform = `scaleX(${shown / 100})`;
    this.element.dataset.shown = shown.toFixed(2);
    if (this.hasHue) this.fill.style.backgroundColor = `hsl(${(shown / 100) * 120} 65% var(--bar-light))`;
  }
}
