/** The first 8 principal components: see pcacodec.ts. */
import { pcaCodec } from "./pcacodec.js";

export const codec = pcaCodec(8);
