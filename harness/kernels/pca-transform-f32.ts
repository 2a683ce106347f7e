/** Declaration of the projection of float32 rows on principal components: see projectiondeclaration.ts. */
import { defineKernel } from "../core/kernel.js";
import { transformKernel } from "./projectiondeclaration.js";

export const kernel = defineKernel(transformKernel("f32"));
