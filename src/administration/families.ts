import type { Families, Family } from '../phones/family/family.ts';

/** What is known of each family, by its id; those without files are only recognised. */
export function describeFamilies({ all }: Pick<Families, 'all'>) {
  return all.toSorted((one, other) => one.id.localeCompare(other.id)).map(describe);
}

function describe({ id, data, files, models }: Family) {
  return {
    family: id,
    vendor: data.vendor,
    title: data.title,
    served: files.size > 0,
    files: data.files.map(({ name, role }) => ({ name, role })),
    models: models.names.map((name) => {
      const { lines, keys } = models.get(name);
      return { name, lines, keys };
    }),
    abilities: data.abilities,
    leftOut: data.left_out,
  };
}
