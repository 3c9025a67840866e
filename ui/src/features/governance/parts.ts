// The parts of this screen that the palette finds by their own names.
import type { PartOfScreen } from "../../lib/parts";

export const parts: PartOfScreen[] = [
  { title: "Import an account mapping", at: { testid: "import-mapping" }, press: true },
  { title: "Import a policy", at: { testid: "import-policy" }, press: true },
];
