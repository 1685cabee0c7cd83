/** Who is told of what, when not, and which program besides. Kept as a whole, at the press of a button. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal, type Signal } from "@preact/signals";
import { useAct, type Act } from "../act";
import type { Fleet } from "../fleet";
import { Card } from "../page";
import { Asked, useAsked } from "../states";
import type { AlertKind, Recipient, Settings, SettingsBody } from "./shapes";

interface TellingProps {
  fleet: Fleet;
  kinds: AlertKind[];
  mail: boolean;
}

export function Telling({ fleet, kinds, mail }: TellingProps): JSX.Element {
  const asked = useAsked<SettingsBody>(fleet, "/api/alerts/settings");
  return (
    <Asked of={asked} waiting="Fetching who is told…">
      {(settings) => <Form fleet={fleet} kinds={kinds} mail={mail} settings={settings} onChange={asked.again} />}
    </Asked>
  );
}

interface FormProps extends TellingProps {
  settings: SettingsBody;
  onChange: () => void;
}

function Form({ fleet, kinds, mail, settings, onChange }: FormProps): JSX.Element {
  const { webhook_key, ...kept } = settings;
  const edited = useSignal<Settings>(kept);
  const saved = useSignal(false);
  const act = useAct();
  useEffect(() => void (edited.value = kept), [JSON.stringify(kept)]);
  const change = (part: Partial<Settings>): void => {
    saved.value = false;
    edited.value = { ...edited.value, ...part };
  };
  const save = (event: Event): void => {
    event.preventDefault();
    act.run(async () => {
      await fleet.ask("PUT", "/api/alerts/settings", edited.value);
      saved.value = true;
      onChange();
    });
  };
  const now = edited.value;
  return (
    <Card title="Who is told" actions={mail && <TestMail fleet={fleet} />}>
      <form class="form wide-form" onSubmit={save}>
        {now.recipients.map((each, place) => (
          <Person key={place} recipient={each} kinds={kinds} place={place}
            onChange={(changed) => change({ recipients: now.recipients.map((other, at) => (at === place ? changed : other)) })}
            onRemove={() => change({ recipients: now.recipients.filter((_, at) => at !== place) })} />
        ))}
        {now.recipients.length === 0 && <p class="soft">Nobody is told yet. Add whoever should know.</p>}
        <button type="button" class="button small" onClick={() => change({ recipients: [...now.recipients, { email: now.recipients.length === 0 ? fleet.account.value?.email ?? "" : "", kinds: kinds.map((each) => each.kind), summaries: true }] })}>Add somebody</button>
        <Hours settings={now} onChange={change} />
        <Webhook settings={now} webhookKey={webhook_key} onChange={change} />
        <Save act={act} saved={saved} />
      </form>
    </Card>
  );
}

function Save({ act, saved }: { act: Act; saved: Signal<boolean> }): JSX.Element {
  return (
    <>
      {act.problem && <p class="field-error" role="alert">{act.problem}</p>}
      <div class="page-actions">
        <button type="submit" class="button go" disabled={act.busy}>{act.busy ? "Saving…" : "Save"}</button>
        <span class="good-news" role="status">{saved.value ? "Saved." : ""}</span>
      </div>
    </>
  );
}

interface PersonProps {
  recipient: Recipient;
  kinds: AlertKind[];
  place: number;
  onChange: (changed: Recipient) => void;
  onRemove: () => void;
}

function Person({ recipient, kinds, place, onChange, onRemove }: PersonProps): JSX.Element {
  const toggled = (kind: string): string[] =>
    recipient.kinds.includes(kind) ? recipient.kinds.filter((each) => each !== kind) : [...recipient.kinds, kind];
  return (
    <fieldset class="at-venue">
      <legend>{recipient.email || `Person ${place + 1}`}</legend>
      <label class="field"><span>E-mail</span><input class="input" type="email" required maxLength={200} autocomplete="off" value={recipient.email} onInput={(event) => onChange({ ...recipient, email: event.currentTarget.value })} /></label>
      <div class="checks">
        <label class="check"><input type="checkbox" checked={recipient.summaries} onChange={() => onChange({ ...recipient, summaries: !recipient.summaries })} />Each business day in figures, the next morning</label>
        {kinds.map(({ kind, words }) => (
          <label key={kind} class="check"><input type="checkbox" checked={recipient.kinds.includes(kind)} onChange={() => onChange({ ...recipient, kinds: toggled(kind) })} />{words}</label>
        ))}
      </div>
      <button type="button" class="button small" aria-label={`Remove ${recipient.email || `person ${place + 1}`}`} onClick={onRemove}>Remove</button>
    </fieldset>
  );
}

interface PartProps {
  settings: Settings;
  onChange: (part: Partial<Settings>) => void;
}

function Hours({ settings, onChange }: PartProps): JSX.Element {
  const quiet = settings.quiet_from !== null;
  return (
    <>
      <div class="pair">
        <label class="field"><span>A venue may be silent for (minutes)</span><input class="input" type="number" required min={1} max={1440} value={Math.round(settings.silent_after_s / 60)} onInput={(event) => onChange({ silent_after_s: event.currentTarget.valueAsNumber * 60 || 0 })} /></label>
        <label class="field"><span>Figures of the day at</span><input class="input" type="time" required value={settings.summary_at} onInput={(event) => onChange({ summary_at: event.currentTarget.value })} /></label>
      </div>
      <label class="check"><input type="checkbox" checked={quiet} onChange={() => onChange(quiet ? { quiet_from: null, quiet_until: null } : { quiet_from: "23:00", quiet_until: "07:00" })} />Quiet hours: what begins then is told afterwards, if it still lasts</label>
      {quiet && (
        <div class="pair">
          <label class="field"><span>From</span><input class="input" type="time" required value={settings.quiet_from ?? ""} onInput={(event) => onChange({ quiet_from: event.currentTarget.value })} /></label>
          <label class="field"><span>Until</span><input class="input" type="time" required value={settings.quiet_until ?? ""} onInput={(event) => onChange({ quiet_until: event.currentTarget.value })} /></label>
        </div>
      )}
      <small class="soft">Hours are each venue's own.</small>
    </>
  );
}

function Webhook({ settings, webhookKey, onChange }: PartProps & { webhookKey: string | null }): JSX.Element {
  return (
    <details class="fold" open={settings.webhook_url !== null}>
      <summary>Tell a program as well</summary>
      <div class="fold-body">
        <label class="field"><span>Address</span><input class="input" type="url" placeholder="https://" maxLength={400} value={settings.webhook_url ?? ""} onInput={(event) => onChange({ webhook_url: event.currentTarget.value || null })} /></label>
        {webhookKey !== null && <p>Calls are signed with the key <code class="secret">{webhookKey}</code></p>}
        <small class="soft">Every alert is sent there as JSON, once when it begins and once when it is over.</small>
      </div>
    </details>
  );
}

function TestMail({ fleet }: { fleet: Fleet }): JSX.Element {
  const act = useAct();
  const asked = useSignal(false);
  const send = (): void =>
    act.run(async () => {
      await fleet.ask("POST", "/api/alerts/test");
      asked.value = true;
    });
  return (
    <>
      <button type="button" class="button small" disabled={act.busy || asked.value} onClick={send}>{asked.value ? "On its way to you" : "Send me a test mail"}</button>
      {act.problem && <span class="field-error" role="alert">{act.problem}</span>}
    </>
  );
}
