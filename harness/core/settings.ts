/**
 * Sum and zero handling of an autoencoder, one departure from the default at a time: faults that the studies' slides found, their
 * cures, and choices. A run shows what each does to one autoencoder of the zoo, `evaluate --switches` to all of them.
 */
export interface Setting {
  /** Parameters as in a codec's label. */
  readonly text: string;
  readonly says: string;
}

export const SETTINGS: readonly Setting[] = [
  {
    text: "sum=exact",
    says: "cure: the whole sum is sent, in 28 bits that are counted, and comes back exactly",
  },
  { text: "output=float", says: "fault: fractions of a count come out, in cells that hold nothing" },
  {
    text: "rescale=msb",
    says: "fault: scaled by the sum's top bit as in training; the decoder sets the sum",
  },
  {
    text: "suppress=0.1",
    says: "fault: decoded cells below 0.1 MIP_T are dropped with their charge (CMSSW)",
  },
  { text: "suppress=0.1,suppressed=kept", says: "cure: their charge goes to the cells that stay" },
  { text: "absent=lost", says: "fault: partial modules lose what is decoded into cells that they lack" },
  { text: "absent=kept", says: "cure: it goes to the cells that they have" },
];

/** A codec's label in its parts. */
interface Parts {
  readonly id: string;
  readonly links: string | undefined;
  readonly others: readonly string[];
}

function partsOf(label: string): Parts {
  const [id, parameters = ""] = label.split(":", 2);
  const words = parameters === "" ? [] : parameters.split(",");
  const isLinks = (word: string): boolean => word.startsWith("links=");
  return { id, links: words.find(isLinks), others: words.filter((word) => !isLinks(word)) };
}

/** The setting that a label has, and the label of the same codec without it; undefined for other labels. */
export function settingOf(label: string): { readonly base: string; readonly setting: Setting } | undefined {
  const { id, links, others } = partsOf(label);
  const setting = SETTINGS.find(({ text }) => {
    const words = text.split(",");
    return words.length === others.length && words.every((word) => others.includes(word));
  });
  return setting && { base: links === undefined ? id : `${id}:${links}`, setting };
}
