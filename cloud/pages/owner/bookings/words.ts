/** Days in words. A date is the venue's own, so no time zone may move it; what is no day is said as it stands. */
export function dayWords(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime())) return date;
  return new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(day);
}
