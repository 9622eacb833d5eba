// One film that is being marked: its marks as the marker sees them, with every step that is on its way.

import type { Schema } from '$lib/api';
import type { Focus } from '../film/types';
import { limbFocus } from '../film/view';
import { jointsOf, nextAsked, type Joint, type Limb, type Marks, type ModelPoints } from './joints';
import { accepted, applied, newChange, nextOrder, placed, wayBack, type Step, type Touched } from './steps';

export type FilmMarked = Schema<'FilmMarked'>;
type Spot = { x: number; y: number };

/** A step without what the page adds to every one. */
type Made = Step extends infer Each ? (Each extends Step ? Omit<Each, 'film' | 'change' | 'order'> : never) : never;

/** Arrows pressed one after another are one step. */
const SETTLES_MS = 450;

export class FilmMarking {
  readonly film: FilmMarked['film'];
  readonly proposed: ModelPoints;
  /** Where the film opens: at the limb, where the model has found it. */
  readonly focus: Focus | null;
  marks = $state.raw<Marks>({});
  done = $state(false);
  selected = $state<string | null>(null);
  readonly joints: Joint[] = $derived.by(() => jointsOf(this.limb, this.marks, this.proposed));
  private past: Touched[] = [];
  private future: Touched[] = [];
  private nudged: { name: string; back: Touched; timer: ReturnType<typeof setTimeout> } | null = null;

  /** `waiting` are steps of this film that the server does not have yet; `add` sends a new one. */
  constructor(
    shown: FilmMarked,
    waiting: readonly Step[],
    private readonly add: (step: Step) => void,
  ) {
    this.film = shown.film;
    this.proposed = shown.proposal?.points ?? {};
    this.focus = limbFocus(Object.values(this.proposed));
    this.done = shown.done;
    this.marks = shown.marks;
    for (const step of waiting) this.replay(step);
    this.selected = nextAsked(this.joints, null);
  }

  get limb(): Limb {
    return this.film.limb ?? 'hand';
  }

  get chosen(): Joint | null {
    return this.joints.find((joint) => joint.name === this.selected) ?? null;
  }

  /** Put a joint somewhere; `onwards` asks for the next one after it. */
  place(name: string, spot: Spot, onwards: boolean): void {
    this.settle();
    this.make({ kind: 'points', points: [given(name, spot)] }, placed([given(name, spot)]));
    if (onwards) this.selected = nextAsked(this.joints, name) ?? name;
  }

  /** Move a joint by an arrow: seen at once, a step once the arrows are still. */
  nudge(name: string, spot: Spot): void {
    if (this.nudged?.name !== name) this.settle();
    const touched = placed([given(name, spot)]);
    const back = this.nudged?.back ?? wayBack(this.marks, touched);
    clearTimeout(this.nudged?.timer);
    this.marks = applied(this.marks, touched);
    this.done = false;
    this.nudged = { name, back, timer: setTimeout(() => this.settle(), SETTLES_MS) };
  }

  /** Make a step of what arrows have moved. */
  settle(): void {
    if (!this.nudged) return;
    const { name, back, timer } = this.nudged;
    clearTimeout(timer);
    this.nudged = null;
    const mark = this.marks[name];
    const points = [{ point: name, x: mark?.x, y: mark?.y }];
    this.marks = applied(this.marks, back);
    this.make({ kind: 'points', points }, placed(points));
  }

  /** The joint is not to be seen; asked again, the model's point counts. */
  hide(name: string): void {
    this.settle();
    const point = this.proposed[name];
    const unseen = this.marks[name] && this.marks[name].x === null;
    const points = [unseen && point ? given(name, point) : { point: name }];
    this.make({ kind: 'points', points }, placed(points));
    if (!unseen) this.selected = nextAsked(this.joints, name) ?? name;
  }

  /** The model's point of one joint holds. */
  confirm(name: string): void {
    const point = this.proposed[name];
    if (point && !this.marks[name]) this.place(name, point, true);
  }

  /** The model's points hold where nothing is marked; how many these are. */
  accept(): number {
    this.settle();
    const touched = accepted(this.marks, this.proposed);
    const count = Object.keys(touched).length;
    if (count === 0) return 0;
    this.make({ kind: 'accept' }, touched);
    this.selected = nextAsked(this.joints, null);
    return count;
  }

  undo(): void {
    this.settle();
    this.turnBack('undo', this.past, this.future);
  }

  redo(): void {
    this.settle();
    this.turnBack('redo', this.future, this.past);
  }

  /** Say that it is done; the joints that still want something, none where it was said. */
  finish(): Joint[] {
    this.settle();
    const open = this.joints.filter((joint) => joint.state === 'open' || joint.state === 'proposed');
    if (open.length === 0 && !this.done) {
      this.done = true;
      this.send({ kind: 'done' });
    }
    return open;
  }

  /** The server's marks, once it has every step. */
  adopt(marks: Marks): void {
    if (!this.nudged) this.marks = marks;
  }

  private make(made: Made, touched: Touched): void {
    this.past.push(wayBack(this.marks, touched));
    this.future = [];
    this.marks = applied(this.marks, touched);
    this.done = false;
    this.send(made);
  }

  /** Steps of an earlier page are known to the server alone: its answer shows what came of them. */
  private turnBack(kind: 'undo' | 'redo', from: Touched[], to: Touched[]): void {
    const touched = from.pop();
    if (touched) {
      to.push(wayBack(this.marks, touched));
      this.marks = applied(this.marks, touched);
      this.selected = Object.keys(touched)[0] ?? this.selected;
    }
    this.send({ kind });
  }

  private send(made: Made): void {
    this.add({ ...made, film: this.film.id, change: newChange(), order: nextOrder() } as Step);
  }

  private replay(step: Step): void {
    if (step.kind === 'points') this.marks = applied(this.marks, placed(step.points));
    if (step.kind === 'accept') this.marks = applied(this.marks, accepted(this.marks, this.proposed));
    this.done = step.kind === 'done';
  }
}

function given(name: string, { x, y }: Spot) {
  return { point: name, x: Math.round(x * 1000) / 1000, y: Math.round(y * 1000) / 1000 };
}
