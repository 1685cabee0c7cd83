/**
 * What the house does not hear of stations: power and agents, which are told to nobody until asked for.
 *
 * Rule of the file: an answer never undoes what the house has heard since. The banner says when the box is away; the last
 * word stays on the screen, dimmed. Counterpart: `GET /api/v1/stations`.
 */
import type { Station, Stations } from "@holdfast/protocol";
import { LastWord, note } from "@holdfast/pages";
import type { Desk } from "../desk";
import type { House } from "../house";
import { stationsAfter } from "../news";

const LOOK_EVERY_MS = 15_000;

/** Ask now and then, and after a station or a device did something. Call the answer to stop. */
export function follow(house: House, desk: Desk): () => void {
  const question = async (): Promise<Station[]> => {
    const { stations } = await desk.get<Stations>("/api/v1/stations");
    for (const station of stations) note(station.session);
    return stations;
  };
  const word = new LastWord(question, (stations) => (house.stations.value = stations));
  void word.ask();
  const timer = setInterval(() => void word.ask(), LOOK_EVERY_MS);
  const deaf = house.listen((message) => {
    const after = (): Station[] => (message.type === "hello" ? message.stations : stationsAfter(house.stations.value, message));
    if (after() !== house.stations.value || message.type === "hello") word.heard(() => (house.stations.value = after()));
    if (message.type === "station:device" || message.type === "station:status") void word.ask();
  });
  return () => {
    clearInterval(timer);
    deaf();
    word.drop();
  };
}
