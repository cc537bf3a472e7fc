// Draws a graph as SVG by the DOM. Text is set by textContent only. Elements are kept by key: an update
// touches what changed. One tab stop; arrow keys move between nodes, Enter opens one.
// Ownership: the view owns what is below `host`; close() empties it.

import { type ApiNode, type Edge, type Graph, isGroup, keyOf } from './graph.ts';
import { dashesOf, lookOf, outline } from './looks.ts';
import { directionOf, nextNode } from './navigation.ts';
import { HEIGHT, type Places, type Point, WIDTH, extent } from './placement.ts';

const SVG = 'http://www.w3.org/2000/svg';
const EDGE = 24;
const ABOVE = 56;  // room for the bows of long edges
const LONGEST = 23;
const BOW = 64;
const MANY = 400;

interface ViewEvents {
  open: (node: ApiNode) => void;
  /** Shows what a stranger wrote: makes it visible and short. */
  shown: (text: string) => string;
  /** What a screen reader says of a node behind what is written in it. */
  words: (node: ApiNode) => string;
}

function element<K extends keyof SVGElementTagNameMap>(name: K, attributes: Record<string, string>,
                                                       text?: string): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) {
    made.setAttribute(attribute, value);
  }
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

function short(text: string, most = LONGEST): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}\u2026`;
}

/** From right to left; within a column around the right side; over other columns in a bow, to be seen. */
function line(from: Point, to: Point): string {
  const [x, y] = [from.x + WIDTH / 2, from.y];
  if (to.x - from.x < WIDTH) {
    const [end, out] = [to.x + WIDTH / 2 + 2, Math.max(from.x, to.x) + WIDTH / 2 + 44];
    return `M${x} ${y}C${out} ${y} ${out} ${to.y} ${end} ${to.y}`;
  }
  const end = to.x - WIDTH / 2 - 2;
  const bend = Math.max(24, Math.min((end - x) / 2, 2 * WIDTH));
  const bow = end - x > WIDTH ? BOW : 0;
  return `M${x} ${y}C${x + bend} ${y - bow} ${end - bend} ${to.y - bow} ${end} ${to.y}`;
}

function edgeKey(edge: Edge): string {
  return JSON.stringify([edge.from, edge.to, edge.basis]);
}

export class GraphView {
  readonly #host: HTMLElement;
  readonly #events: ViewEvents;
  readonly #svg: SVGSVGElement;
  readonly #edges = element('g', { 'class': 'graph-edges', 'aria-hidden': 'true' });
  readonly #nodes = element('g', { 'class': 'graph-nodes' });
  readonly #drawn = new Map<string, { node: ApiNode; part: SVGGElement }>();
  readonly #lines = new Map<string, SVGPathElement>();
  #graph: Graph = { nodes: [], edges: [], leftOut: 0 };
  #places: Places = new Map();
  #chosen: string | null = null;
  #scale = 1;

  constructor(host: HTMLElement, events: ViewEvents) {
    this.#host = host;
    this.#events = events;
    this.#svg = element('svg', { 'class': 'graph', role: 'group', 'aria-label': 'Graph of the workflow' });
    const marks = element('defs', {});
    const arrow = element('marker', { id: 'graph-arrow', viewBox: '0 0 8 8', refX: '7', refY: '4',
      markerWidth: '7', markerHeight: '7', orient: 'auto' });
    arrow.append(element('path', { d: 'M0 .5 7.5 4 0 7.5Z', 'class': 'graph-arrow' }));
    marks.append(arrow);
    this.#svg.append(marks, this.#edges, this.#nodes);
    this.#svg.addEventListener('keydown', (event) => this.#key(event));
    this.#svg.addEventListener('click', (event) => this.#click(event));
    this.#svg.addEventListener('focusin', (event) => this.#focused(event));
    host.replaceChildren(this.#svg);
  }

  /** Draws `graph`; every node has a place. */
  show(graph: Graph, places: Places): void {
    [this.#graph, this.#places] = [graph, places];
    this.#showNodes();
    this.#showEdges();
    this.#resize();
    if (this.#chosen === null || !this.#drawn.has(this.#chosen)) {
      this.#choose(graph.nodes[0] === undefined ? null : keyOf(graph.nodes[0]));
    }
  }

  /** 1: one unit of the layout is one pixel. */
  zoom(scale: number): void {
    this.#scale = Math.min(2, Math.max(0.15, scale));
    this.#resize();
  }

  get scale(): number {
    return this.#scale;
  }

  /** The whole graph in what is visible, but never larger than life. */
  fit(): void {
    const { width, height } = extent(this.#places);
    this.zoom(Math.min(1, (this.#host.clientWidth - 4) / (width + 2 * EDGE),
      (this.#host.clientHeight - 4) / (height + ABOVE + EDGE)));
  }

  /** To the beginning: the first node in the middle of the left side. */
  home(): void {
    const first = this.#graph.nodes[0] && this.#places.get(keyOf(this.#graph.nodes[0]));
    this.#host.scrollLeft = 0;
    this.#host.scrollTop = ((first?.y ?? 0) + ABOVE) * this.#scale - this.#host.clientHeight / 2;
  }

  focus(key: string): void {
    this.#choose(key);
    this.#drawn.get(key)?.part.focus();
  }

  /** Shows that this one is open beside the graph; another text than a key: none is. */
  mark(key: string): void {
    for (const [other, { part }] of this.#drawn) {
      if (other === key) {
        part.setAttribute('aria-pressed', 'true');
        part.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      } else {
        part.removeAttribute('aria-pressed');
      }
    }
  }

  close(): void {
    this.#host.replaceChildren();
  }

  #resize(): void {
    const { width, height } = extent(this.#places);
    const [across, down] = [width + 2 * EDGE, height + ABOVE + EDGE];
    this.#svg.setAttribute('viewBox', `${-EDGE} ${-ABOVE} ${across} ${down}`);
    this.#svg.setAttribute('width', String(Math.round(across * this.#scale)));
    this.#svg.setAttribute('height', String(Math.round(down * this.#scale)));
  }

  #showNodes(): void {
    const now = new Set(this.#graph.nodes.map(keyOf));
    for (const [key, { part }] of this.#drawn) {
      if (!now.has(key)) {
        part.remove();
        this.#drawn.delete(key);
      }
    }
    const added = document.createDocumentFragment();
    for (const node of this.#graph.nodes) {
      const key = keyOf(node);
      const there = this.#drawn.get(key);
      const part = there?.part ?? element('g', { role: 'button', tabindex: '-1', 'data-key': key });
      const place = this.#places.get(key) ?? { x: 0, y: 0 };
      part.setAttribute('transform', `translate(${place.x} ${place.y})`);
      if (there === undefined || JSON.stringify(there.node) !== JSON.stringify(node)) {
        this.#fill(part, node);
      }
      if (there === undefined) {
        added.append(part);
      }
      this.#drawn.set(key, { node, part });
    }
    this.#nodes.append(added);
  }

  #fill(part: SVGGElement, node: ApiNode): void {
    const { shown } = this.#events;
    const x = -WIDTH / 2;
    if (isGroup(node)) {
      part.setAttribute('class', 'graph-node graph-group');
      part.replaceChildren(
        element('path', { d: outline('square', WIDTH, HEIGHT), 'class': 'graph-behind',
          transform: 'translate(5 5)' }),
        element('path', { d: outline('square', WIDTH, HEIGHT), 'class': 'graph-box' }),
        ...this.#written(part, node, x + 14, `${node.count} records`,
          short(shown(node.agent || 'no agent'))));
      return;
    }
    const look = lookOf(node.outcome);
    part.setAttribute('class', `graph-node graph-${look.name}`);
    part.replaceChildren(
      element('path', { d: outline(look.outline, WIDTH, HEIGHT), 'class': 'graph-box' }),
      element('path', { d: look.sign, 'class': 'graph-sign', transform: `translate(${x + 12} ${-8})` }),
      ...this.#written(part, node, x + 38, short(shown(node.name || node.kind), 19),
        short(shown([node.agent, look.word].filter((word) => word !== '').join(' \u00b7 ')), 22)));
  }

  /** Two lines of text, which the part's accessible name begins with. */
  #written(part: SVGGElement, node: ApiNode, x: number, name: string, agent: string): (SVGTextElement | string)[] {
    part.setAttribute('aria-label', `${name} ${agent}, ${this.#events.words(node)}`);
    const y = -HEIGHT / 2;
    return [element('text', { x: String(x), y: String(y + 20), 'class': 'graph-name' }, name), ' ',
      element('text', { x: String(x), y: String(y + 36), 'class': 'graph-agent' }, agent)];
  }

  #showEdges(): void {
    const now = new Set(this.#graph.edges.map(edgeKey));
    for (const [key, part] of this.#lines) {
      if (!now.has(key)) {
        part.remove();
        this.#lines.delete(key);
      }
    }
    const added = document.createDocumentFragment();
    for (const edge of this.#graph.edges) {
      const [from, to] = [this.#places.get(edge.from), this.#places.get(edge.to)];
      if (from === undefined || to === undefined) {
        continue;
      }
      const d = line(from, to);
      const key = edgeKey(edge);
      const part = this.#lines.get(key) ?? element('path', { 'class': 'graph-edge',
        'marker-end': 'url(#graph-arrow)', 'stroke-dasharray': dashesOf(edge.basis) || 'none' });
      if (part.getAttribute('d') !== d) {
        part.setAttribute('d', d);
      }
      if (!this.#lines.has(key)) {
        this.#lines.set(key, part);
        added.append(part);
      }
    }
    this.#edges.append(added);
    this.#svg.classList.toggle('graph-many', this.#lines.size > MANY);
  }

  #choose(key: string | null): void {
    if (this.#chosen !== null) {
      this.#drawn.get(this.#chosen)?.part.setAttribute('tabindex', '-1');
    }
    this.#chosen = key;
    if (key !== null) {
      this.#drawn.get(key)?.part.setAttribute('tabindex', '0');
    }
  }

  #keyOfEvent(event: Event): string | null {
    const part = event.target instanceof Element ? event.target.closest('[data-key]') : null;
    return part?.getAttribute('data-key') ?? null;
  }

  #focused(event: Event): void {
    const key = this.#keyOfEvent(event);
    if (key !== null && key !== this.#chosen) {
      this.#choose(key);
    }
  }

  #click(event: Event): void {
    const key = this.#keyOfEvent(event);
    const drawn = key === null ? undefined : this.#drawn.get(key);
    if (key !== null && drawn !== undefined) {
      this.focus(key);
      this.#events.open(drawn.node);
    }
  }

  #key(event: KeyboardEvent): void {
    const key = this.#keyOfEvent(event);
    const drawn = key === null ? undefined : this.#drawn.get(key);
    if (key === null || drawn === undefined || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const direction = directionOf(event.key);
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#events.open(drawn.node);
    } else if (direction !== null) {
      event.preventDefault();
      event.stopPropagation();
      const next = nextNode(this.#places, this.#graph.edges, key, direction);
      if (next !== null) {
        this.focus(next);
        this.#drawn.get(next)?.part.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      }
    }
  }
}
