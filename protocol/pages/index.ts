/** What every page of Holdfast shares: the look, the way to the box and back, the words for time. */
export * from "./countdown";
export * from "./day_field";
export * from "./days";
export * from "./http";
export * from "./keep";
export * from "./last_word";
export * from "./lazily";
export * from "./live";
export * from "./parts";
export * from "./pauses";
export * from "./shown_again";
export * from "./told";
export * from "./words";
