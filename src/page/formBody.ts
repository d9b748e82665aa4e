import { z } from 'zod';

interface Shape {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly anyOf?: readonly Shape[];
  readonly required?: readonly string[];
}

/**
 * What a form has sent as the schema of a request wants it: fields are named `body.name` and `body.settings.codecs`, and all are texts.
 * An empty one is left out, or `null` where that is an answer; what is several is separated by commas or spaces, or ticked, each by a name
 * of its own: `body.scopes.read`.
 */
export function formBody(schema: z.ZodType | null, form: Readonly<Record<string, unknown>>, prefix = 'body.'): unknown {
  if (schema === null) return undefined;
  let shape = SHAPES.get(schema);
  if (shape === undefined) SHAPES.set(schema, (shape = z.toJSONSchema(schema, { io: 'input' }) as Shape));
  return objectOf(shape, form, prefix);
}

const SHAPES = new WeakMap<z.ZodType, Shape>();

function objectOf(
  { properties = {}, required = [] }: Shape,
  form: Readonly<Record<string, unknown>>,
  prefix: string,
): Readonly<Record<string, unknown>> {
  const body: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(properties)) {
    const field = `${prefix}${name}`;
    if (shape.properties !== undefined) {
      const inside = objectOf(shape, form, `${field}.`);
      if (Object.keys(inside).length > 0) body[name] = inside;
      continue;
    }
    const ticked = Object.keys(form).filter((each) => each.startsWith(`${field}.`) && form[each] === 'true');
    if (ticked.length > 0 && typesOf(shape).includes('array')) {
      body[name] = ticked.map((each) => each.slice(field.length + 1));
      continue;
    }
    const text = form[field];
    if (typeof text !== 'string') continue;
    const value = valueOf(shape, text, required.includes(name));
    if (value !== undefined) body[name] = value;
  }
  return body;
}

function typesOf(shape: Shape): readonly string[] {
  return [shape, ...(shape.anyOf ?? [])].flatMap(({ type }) => type ?? []);
}

function valueOf(shape: Shape, text: string, isNeeded: boolean): unknown {
  const types = typesOf(shape);
  if (text === '' && types.includes('null')) return null;
  if (types.includes('array')) return text.split(/[\s,;]+/).filter((each) => each !== '');
  if (text === '') return isNeeded ? '' : undefined;
  if (types.includes('boolean')) return text === 'true';
  if (types.includes('integer') || types.includes('number')) return Number(text);
  return text;
}
