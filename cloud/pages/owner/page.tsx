/** The outline of a section: a title, what it is about, what can be done at once, and cards below. */
import type { ComponentChildren, JSX } from "preact";

export interface PageProps {
  title: string;
  /** One sentence under the title. */
  about?: ComponentChildren;
  actions?: ComponentChildren;
  wide?: boolean;
  children: ComponentChildren;
}

export function Page({ title, about, actions, wide = false, children }: PageProps): JSX.Element {
  return (
    <main class="page" data-wide={wide}>
      <header class="page-head">
        <div>
          <h1>{title}</h1>
          {about && <p class="soft">{about}</p>}
        </div>
        {actions && <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </main>
  );
}

export interface CardProps {
  title?: string;
  about?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}

export function Card({ title, about, actions, children }: CardProps): JSX.Element {
  return (
    <section class="card" aria-label={title}>
      {(title || actions) && (
        <header class="card-head">
          <div>
            {title && <h2>{title}</h2>}
            {about && <p class="soft">{about}</p>}
          </div>
          {actions && <div class="page-actions">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

/** A date and time in the reader's own zone and language. */
export const moment = (when: string): string =>
  new Date(when).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

export const day = (when: string): string => new Date(when).toLocaleDateString(undefined, { dateStyle: "medium" });
