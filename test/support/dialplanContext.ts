/** The lines of one context of `extensions.conf`, without comments. */
export function context(extensions: string, name: string): readonly string[] {
  const [, rest = ''] = extensions.split(`[${name}]\n`);
  const [body = ''] = rest.split(/^\[/m);
  return body.split('\n').filter((line) => line.trim() !== '' && !line.startsWith(';'));
}
