// What viewer_data.payload() gives, and what a view is in a link.

/** What a panel shows at one step of a film; what is left out is the panel's own. */
export interface Frame {
  png: string; // base64, here and below
  figure?: string;
  note?: string;
  inside?: string;
  alt?: string;
}

export interface Panel {
  title: string;
  png: string;
  alt: string;
  key: string;
  figure: string;
  note: string;
  tone: string;
  scale: string;
  levels: string;
  inside: string;
  frames: Frame[];
}

export interface Row {
  heading: string;
  panels: Panel[];
}

export interface FilmData {
  name: string;
  labels: string[];
  values: number[];
}

export interface CardData {
  key: string;
  title: string;
  text: string;
  clean: number;
  curve: number[];
  action: [string, string];
}

export interface Choice {
  field: string;
  label: string;
  labels: string[];
  at: number;
}

export interface ExhibitData {
  cards: CardData[];
  floor: string;
  said: string;
  strength: Choice;
  switch: Choice;
  strengths: number[];
  scrubbed: Record<string, Frame[]>;
  more: boolean;
  region: string;
  still: string;
}

/** What the exhibit asks of the page: the place of another value of one of its choices; the edges of a region. */
export type Asked = Record<string, number | number[]>;

/** Only what differs from the default. */
export interface ViewQuery {
  view?: string;
  a?: string;
  b?: string;
  zoom?: string;
  region?: string;
  tab?: string;
  step?: string;
  divider?: string;
  limit?: string;
}

export interface Payload {
  version: string;
  apply: string;
  view: ViewQuery;
  pair: [string, string];
  tabs: [string, string][];
  tab: string;
  film: FilmData | null;
  exhibit: ExhibitData | null;
  limits: number[];
  bar: string;
  rows: Row[];
}
