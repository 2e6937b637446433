import { KIB } from "../../src/units.ts";
import { layPage, type PageRecipe } from "./page-recipe.ts";
import { PageState } from "./page-state.ts";

const CHUNK_BYTES = 256 * KIB;
const LINE_ROOM = 8 * KIB;

/** The whole page of a recipe as its first scrape gets it. */
export function pageBytes(recipe: PageRecipe, seed: number): Buffer {
  const state = new PageState(layPage(recipe, seed, 0), seed, 0);
  state.move();
  return wholePage(state);
}

/** The page as it stands now. */
export function wholePage(state: PageState): Buffer {
  return Buffer.concat([
    ...state.chunks(CHUNK_BYTES, () => Buffer.allocUnsafe(CHUNK_BYTES + LINE_ROOM)),
  ]);
}
