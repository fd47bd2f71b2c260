/** A navigation without a new document, as Chromium tells it. */
export interface SoftNavigation extends PerformanceEntry {
  navigationId: number;
  interactionId?: number;
  presentationTime?: number;
  paintTime?: number;
  getLargestInteractionContentfulPaint?(): PerformanceEntry | null;
}
