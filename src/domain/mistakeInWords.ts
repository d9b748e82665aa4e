/** What a schema has against a value, as far as we say it. */
interface Issue {
  readonly code?: string;
  readonly expected?: unknown;
  readonly values?: readonly unknown[];
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly inclusive?: boolean;
  readonly origin?: string;
  readonly format?: string;
}

const FORMATS: Readonly<Record<string, string>> = {
  url: 'a URL like http://selfprov.example.com:8480/',
  ipv4: 'an IPv4 address like 192.0.2.10',
};

/** What should stand there instead, for an administrator: the words of a schema that says none of its own. */
export function mistakeInWords({ code, expected, values, minimum, maximum, inclusive, origin, format }: Issue): string {
  switch (code) {
    case 'invalid_value':
      return `one of ${(values ?? []).join(', ')}`;
    case 'too_small':
      if (origin === 'array') return 'one at least';
      if (origin === 'string') return `a text of ${String(minimum)} characters at least`;
      return inclusive === false ? `a number above ${String(minimum)}` : `a number from ${String(minimum)}`;
    case 'too_big':
      if (origin === 'array') return `${String(maximum)} at most`;
      if (origin === 'string') return `a text of up to ${String(maximum)} characters`;
      return `a number up to ${String(maximum)}`;
    case 'invalid_format':
      return FORMATS[format ?? ''] ?? 'something else is wanted here';
    case 'invalid_type':
      if (expected === 'int') return 'a whole number';
      return expected === 'object' ? 'an object: {…}' : expected === 'number' ? 'a number' : 'a text';
    case undefined:
    default:
      return 'something else is wanted here';
  }
}
