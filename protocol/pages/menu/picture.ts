/** A picture that the box has not fetched yet: its place stays, so that nothing jumps when it comes. */
export const gone = (event: Event): void => {
  (event.currentTarget as HTMLElement).dataset["gone"] = "true";
};
