/** Who sits where: move to a free table, put together with another, part some guests, close. */
import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { formatMoney, type StaffTable } from "@holdfast/protocol";
import { Face, Sheet } from "@holdfast/pages";
import { wordsFor } from "../desk";
import { Icon, type IconName } from "../icons";
import { go } from "../route";
import type { TableProps } from "./view";

type Doing = "move" | "merge" | "split" | "close";

interface SeatingProps extends TableProps {
  table: StaffTable;
  onClose: () => void;
}

const TITLES: Readonly<Record<Doing, string>> = { move: "Move to…", merge: "Put together with…", split: "Part guests", close: "Close table" };

export function SeatingSheet(props: SeatingProps): JSX.Element {
  const doing = useSignal<Doing | null>(null);
  const { table, onClose } = props;
  const choose = (what: Doing) => (): void => void (doing.value = what);
  return (
    <Sheet label={doing.value ? TITLES[doing.value] : table.name} onClose={onClose}>
      <div class="stack">
        <h2>{doing.value ? `${table.name}: ${TITLES[doing.value].toLowerCase()}` : table.name}</h2>
        {doing.value === null && (
          <>
            <Act icon="move" name="Move" words="to a free table, with cart and bill" onClick={choose("move")} />
            <Act icon="merge" name="Put together" words="with another table: one cart, one bill" onClick={choose("merge")} />
            <Act icon="split" name="Part" words="some guests sit elsewhere and take their dishes along" onClick={choose("split")} />
            <Act icon="close" name="Close" words="the guests have left; their phones forget the table" onClick={choose("close")} />
          </>
        )}
        {doing.value === "move" && <Targets {...props} free verb="move" field="to" done="moved" />}
        {doing.value === "merge" && <Targets {...props} free={false} verb="merge" field="into" done="put together" />}
        {doing.value === "split" && <Parting {...props} />}
        {doing.value === "close" && <Closing {...props} />}
      </div>
    </Sheet>
  );
}

function Act({ icon, name, words, onClick }: { icon: IconName; name: string; words: string; onClick: () => void }): JSX.Element {
  return <button type="button" class="button wide act" onClick={onClick}><Icon name={icon} /><span><strong>{name}</strong><span class="soft">{words}</span></span></button>;
}

interface TargetsProps extends SeatingProps {
  free: boolean;
  verb: string;
  field: "to" | "into";
  done: string;
}

/** The tables that it can go to, and what the box says if it cannot after all. */
function Targets({ house, whole, desk, table, free, verb, field, done, onClose }: TargetsProps): JSX.Element {
  const problem = useSignal<string | null>(null);
  const others = house.tables.value.filter((each) => each.code !== table.code && (each.session_pid === null) === free);
  const choose = async (target: StaffTable): Promise<void> => {
    try {
      await desk.insist(whole.path(verb), { [field]: target.code });
      desk.say(`${table.name} is ${done} with ${target.name}.`.replace("moved with", "moved to"));
      onClose();
      go("floor", target.code);
    } catch (error) {
      problem.value = wordsFor(error);
    }
  };
  if (others.length === 0) return <p class="soft">{free ? "No table is free." : "Nobody sits at another table."}</p>;
  return (
    <>
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
      <div class="targets">{others.map((each) => (
        <button key={each.code} type="button" class="target" onClick={() => void choose(each)}>
          <strong>{each.name}</strong>{!free && <span class="soft number">{formatMoney(each.due_minor, each.currency)}</span>}
        </button>
      ))}</div>
    </>
  );
}

function Parting(props: SeatingProps): JSX.Element {
  const { house, whole, desk, table, onClose } = props;
  const going = useSignal<ReadonlySet<string>>(new Set());
  const problem = useSignal<string | null>(null);
  const guests = table.members.filter((member) => !member.staff);
  const others = house.tables.value.filter((each) => each.code !== table.code);
  const toggle = (pid: string): void => {
    const next = new Set(going.value);
    if (!next.delete(pid)) next.add(pid);
    going.value = next;
  };
  const part = async (target: StaffTable): Promise<void> => {
    try {
      await desk.insist(whole.path("split"), { to: target.code, members: [...going.value] });
      desk.say(`They sit at ${target.name} now.`);
      onClose();
      go("floor", target.code);
    } catch (error) {
      problem.value = wordsFor(error);
    }
  };
  if (guests.length === 0) return <p class="soft">No guest has joined with a phone here. Split the bill by item instead.</p>;
  return (
    <>
      <p class="soft">Who goes?</p>
      <div class="targets">{guests.map((guest) => (
        <button key={guest.member_pid} type="button" class="target" aria-pressed={going.value.has(guest.member_pid)} onClick={() => toggle(guest.member_pid)}>
          <Face id={guest.member_pid} name={guest.name} /><strong>{guest.name}</strong>
        </button>
      ))}</div>
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
      {going.value.size > 0 && (
        <>
          <p class="soft">Where to?</p>
          <div class="targets">{others.map((each) => <button key={each.code} type="button" class="target" onClick={() => void part(each)}><strong>{each.name}</strong>{each.session_pid && <span class="soft">joins</span>}</button>)}</div>
        </>
      )}
    </>
  );
}

function Closing({ whole, desk, table, onClose }: SeatingProps): JSX.Element {
  const problem = useSignal<string | null>(null);
  const close = async (): Promise<void> => {
    try {
      await desk.send(whole.path("close"));
      desk.say(`${table.name} is free.`);
      onClose();
      go("floor");
    } catch (error) {
      problem.value = wordsFor(error);
    }
  };
  const owes = table.due_minor > 0;
  return (
    <>
      <p>{owes
        ? <><strong class="number">{formatMoney(table.due_minor, table.currency)}</strong> are not paid. The bill stays open under Till until it is.</>
        : "Everything is paid. The guests' phones forget the table."}</p>
      {table.cart_lines > 0 && <p class="soft">What is in the cart and was not ordered is gone then.</p>}
      {problem.value && <p class="field-error" role="alert">{problem.value}</p>}
      <button type="button" class={owes ? "button danger wide" : "button go wide"} onClick={() => void close()}>{owes ? "Close all the same" : "Close table"}</button>
    </>
  );
}
