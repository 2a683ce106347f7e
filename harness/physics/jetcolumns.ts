/** Columns of the jet tables: names in file order, units, and which hold whole numbers. The one place where they are declared. */

export interface JetColumn {
  readonly name: string;
  readonly unit: string;
  readonly whole?: boolean;
}

const column = (name: string, unit: string): JetColumn => ({ name, unit });
const count = (name: string): JetColumn => ({ name, unit: "1", whole: true });

/** Trigger-level jets of ATLAS after the studies' division by 1000 (see docs/jets.md). */
export const ATLAS_27D: readonly JetColumn[] = [
  column("pt", "GeV"),
  column("eta", "1"),
  column("phi", "rad"),
  column("m", "GeV"),
  column("ActiveArea", "rad2"),
  column("ActiveArea4vec_eta", "1"),
  column("ActiveArea4vec_m", "1"),
  column("ActiveArea4vec_phi", "rad"),
  column("ActiveArea4vec_pt", "1"),
  column("AverageLArQF", "1"),
  column("NegativeE", "GeV"),
  column("HECQuality", "1"),
  column("LArQuality", "1"),
  column("Width", "1"),
  column("WidthPhi", "1"),
  column("CentroidR", "mm"),
  column("DetectorEta", "1"),
  column("LeadingClusterCenterLambda", "mm"),
  column("LeadingClusterPt", "GeV"),
  column("LeadingClusterSecondLambda", "1000 mm2"),
  column("LeadingClusterSecondR", "1000 mm2"),
  count("N90Constituents"),
  column("EMFrac", "1"),
  column("HECFrac", "1"),
  column("Timing", "ns"),
  column("OotFracClusters10", "1"),
  column("OotFracClusters5", "1"),
];

/** Particle-flow jets of CMS open data, names as in the studies' files. */
export const CMS_24D: readonly JetColumn[] = [
  column("pt_", "GeV"),
  column("eta_", "1"),
  column("phi_", "rad"),
  column("mass_", "GeV"),
  column("mJetArea", "rad2"),
  column("mChargedHadronEnergy", "GeV"),
  column("mNeutralHadronEnergy", "GeV"),
  column("mPhotonEnergy", "GeV"),
  column("mElectronEnergy", "GeV"),
  column("mMuonEnergy", "GeV"),
  column("mHFHadronEnergy", "GeV"),
  column("mHFEMEnergy", "GeV"),
  count("mChargedHadronMultiplicity"),
  count("mNeutralHadronMultiplicity"),
  count("mPhotonMultiplicity"),
  count("mElectronMultiplicity"),
  count("mMuonMultiplicity"),
  count("mHFHadronMultiplicity"),
  count("mHFEMMultiplicity"),
  column("mChargedEmEnergy", "GeV"),
  column("mChargedMuEnergy", "GeV"),
  column("mNeutralEmEnergy", "GeV"),
  count("mChargedMultiplicity"),
  count("mNeutralMultiplicity"),
];

/** Columns of the 24 that are 0 in more than 99.5 % of the jets. */
const RARE: ReadonlySet<string> = new Set([
  "mChargedEmEnergy",
  "mChargedMuEnergy",
  "mMuonEnergy",
  "mMuonMultiplicity",
  "mElectronEnergy",
]);

export const CMS_19D: readonly JetColumn[] = CMS_24D.filter(({ name }) => !RARE.has(name));

/** Four-vectors of ATLAS trigger jets, in the order of the published tables. */
export const FOUR_VECTORS: readonly JetColumn[] = [
  column("m", "MeV"),
  column("pt", "MeV"),
  column("phi", "rad"),
  column("eta", "1"),
];

/** Columns of every dataset of jets, by its id. */
export const JET_TABLES: ReadonlyMap<string, readonly JetColumn[]> = new Map([
  ["jets-atlas-27d", ATLAS_27D],
  ["jets-cms-24d", CMS_24D],
  ["jets-cms-19d", CMS_19D],
  ["jets-4d", FOUR_VECTORS],
]);
