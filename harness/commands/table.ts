/** The commands, in the order in which help lists them. One file each; add a line here for a new one. */
import type { CommandDeclaration } from "./context.js";
import { command as info } from "./info.js";

export const commands: readonly CommandDeclaration[] = [info];
