// Words for people who hear the page: one polite region and one for what cannot wait.
type Urgency = 'polite' | 'assertive';
const regions = new Map<Urgency, HTMLElement>();

export function announce(text: string, urgency: Urgency = 'polite'): void {
  const region = regions.get(urgency);
  if (!region) return;
  // The same words twice are heard twice only if they changed in between.
  region.textContent = '';
  setTimeout(() => { region.textContent = text; }, 50);
}

export const announcer = (urgency: Urgency) => (element: HTMLElement | null): void => {
  if (element) regions.set(urgency, element);
};
