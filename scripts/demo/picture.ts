/** What is on the picture: who told whom what, or what somebody did by himself. */
export interface Drawn {
  /** Milliseconds since the demo began. */
  readonly at: number;
  /** Of the demo, in one word: what the event belongs to. */
  readonly step: string;
  readonly from: Place;
  readonly to: Place;
  readonly text: string;
}

export const PLACES = ['first phone', 'selfprov and Asterisk', 'second phone'] as const;
export type Place = (typeof PLACES)[number];

const X: Readonly<Record<Place, number>> = { 'first phone': 190, 'selfprov and Asterisk': 520, 'second phone': 850 };
const [WIDTH, TOP, ROW] = [1000, 70, 24];

const STYLE = `text{font:13px system-ui,sans-serif;fill:#24292f}.time{fill:#6e7781;font-size:12px;text-anchor:end}
.head{font-weight:600;text-anchor:middle}.on{text-anchor:middle;paint-order:stroke;stroke:#fff;stroke-width:4px}.right{text-anchor:end}
line{stroke:#0969da;stroke-width:1.5}.life{stroke:#d0d7de}circle{fill:#0969da}.paper{fill:#fff}.step{fill:#f6f8fa}`;

/** The time-line as a picture: a row for each event, its second on the left, steps in bands. */
export function picture(title: string, drawn: readonly Drawn[]): string {
  const events = drawn.toSorted((one, other) => one.at - other.at);
  const height = TOP + ROW * (events.length + 1);
  const rows = events.map((event, at) => row(event, TOP + ROW * (at + 0.5)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#0969da"/></marker></defs>
<rect class="paper" width="${WIDTH}" height="${height}"/>
${bands(events)}
${PLACES.map((place) => `<text class="head" x="${X[place]}" y="28">${place}</text><line class="life" x1="${X[place]}" y1="40" x2="${X[place]}" y2="${height - 10}"/>`).join('\n')}
${rows.join('\n')}
</svg>
`;
}

/** Every second step has another ground. */
function bands(events: readonly Drawn[]): string {
  const steps = [...new Set(events.map(({ step }) => step))].filter((_, at) => at % 2 === 0);
  return steps
    .map((step) => {
      const [first, last] = [
        events.findIndex((event) => event.step === step),
        events.findLastIndex((event) => event.step === step),
      ];
      return `<rect class="step" x="0" y="${TOP + ROW * first - 8}" width="${WIDTH}" height="${ROW * (last - first + 1)}"/>`;
    })
    .join('\n');
}

function row({ at, step, from, to, text }: Drawn, y: number): string {
  const seconds = `<text class="time" x="60" y="${y}">${(at / 1000).toFixed(1)} s</text>`;
  const words = escaped(text);
  const [x, end] = [X[from], X[to]];
  const shape =
    from === to
      ? `<circle cx="${x}" cy="${y - 4}" r="4"/><text class="${from === 'second phone' ? 'right' : ''}" x="${from === 'second phone' ? x - 10 : x + 10}" y="${y}">${words}</text>`
      : `<line x1="${x}" y1="${y}" x2="${end}" y2="${y}" marker-end="url(#tip)"/><text class="on" x="${(x + end) / 2}" y="${y - 4}">${words}</text>`;
  return `<g data-step="${escaped(step)}">${seconds}${shape}</g>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
