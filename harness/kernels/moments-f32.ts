/** Declaration of the kernel of moments of float32 tables: see momentsdeclaration.ts. */
import { defineKernel } from "../core/kernel.js";
import { momentsKernel } from "./momentsdeclaration.js";

export const kernel = defineKernel(momentsKernel("f32"));
