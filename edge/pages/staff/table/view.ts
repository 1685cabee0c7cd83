/** What the parts of a table's view are given. */
import type { ViewProps } from "../view";
import type { Dishes } from "../menu";
import type { WholeTable } from "./whole";

export interface TableProps extends Omit<ViewProps, "rest"> {
  whole: WholeTable;
  dishes: Dishes;
}
