/**
 * What a simulated HGCAL event is: generator particles, trigger cells and modules of one endcap (z > 0), as columns.
 *
 * Types only. `makeEvent(sample, seed, eventIndex)` of makeevent.ts makes one: it is pure, each event has its own counter-based
 * stream, so event i needs no event i-1 and threads may share the work. `modulesOf(event)` of eventrows.ts gives the rows of
 * 48 CALQ with the labels of the published files. Units: GeV, cm, radians, CALQ counts; MIP_T as in the studies.
 */

/** Full modules of the inner, middle and outer ring (120, 200, 300 um), and partial ones of the same rings. */
export const WAFER_TYPES = ["FI", "FM", "FO", "I", "M", "O"] as const;
export type WaferType = (typeof WAFER_TYPES)[number];

export const SAMPLES = ["electron", "photon", "jet", "ttbar"] as const;
export type Sample = (typeof SAMPLES)[number];

/** What is simulated. Ranges are those of the one hard particle (electron, photon) or of the hard partons (jet). */
export interface EventSample {
  readonly sample: Sample;
  /** Mean number of simultaneous soft interactions. */
  readonly pileup: number;
  readonly lowestPt: number;
  readonly highestPt: number;
  readonly lowestEta: number;
  readonly highestEta: number;
  /** Trigger layers that are simulated: first..last of 1..50. */
  readonly firstLayer: number;
  readonly lastLayer: number;
}

/** The particles of the hard event; those of pileup are too many to be listed. */
export interface GeneratorParticles {
  readonly count: number;
  readonly pdgId: Int32Array;
  readonly pt: Float64Array;
  readonly eta: Float64Array;
  readonly phi: Float64Array;
  /** Where the particle meets the front face of the calorimeter, seen from the origin. */
  readonly extrapolatedEta: Float64Array;
  readonly extrapolatedPhi: Float64Array;
  /** 2 when the particle reaches the calorimeter's front face, else 0 (the studies' genpart_reachedEE). */
  readonly reachedEE: Uint8Array;
}

/** Modules with at least one trigger cell above zero, ordered by layer and place. */
export interface EventModules {
  readonly count: number;
  readonly layer: Int32Array;
  readonly waferu: Int32Array;
  readonly waferv: Int32Array;
  readonly type: readonly WaferType[];
  readonly highDensity: Uint8Array;
  /** Of the module's centre. */
  readonly eta: Float64Array;
  readonly phi: Float64Array;
  /** Output links of the "signal driven" allocation. */
  readonly links: Uint8Array;
  /** CALQ [count, 48]; cells that a partial module lacks are 0. */
  readonly calq: Float64Array;
  /** Simulated energy of the hard event in the module's silicon, calibrated to shower energy, GeV. */
  readonly simEnergy: Float64Array;
  /** The same for pileup. */
  readonly pileupEnergy: Float64Array;
}

/** Trigger cells above zero, module after module. */
export interface TriggerCells {
  readonly count: number;
  /** Index into the event's modules. */
  readonly module: Int32Array;
  /** 0..47, training order. */
  readonly cell: Uint8Array;
  readonly cellu: Uint8Array;
  readonly cellv: Uint8Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  readonly eta: Float64Array;
  readonly phi: Float64Array;
  /** 7-bit code of the front end. */
  readonly code: Uint8Array;
  readonly calq: Float64Array;
  /** Charge in transverse MIPs and the transverse momentum it stands for. */
  readonly mipt: Float64Array;
  readonly pt: Float64Array;
  /** Simulated energy of the hard event and of pileup, GeV. */
  readonly simEnergy: Float64Array;
  readonly pileupEnergy: Float64Array;
}

export interface Event {
  /** Number of the event in its sample. */
  readonly index: number;
  readonly particles: GeneratorParticles;
  readonly modules: EventModules;
  readonly cells: TriggerCells;
  /** Simulated energy of the hard event in all its modules, GeV: the studies' EventSimEnergy. */
  readonly simEnergy: number;
}
