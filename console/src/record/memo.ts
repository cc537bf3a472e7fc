// A component that is drawn anew only when its properties are others: tables that grow at the top.

import { type ComponentType, Component, type JSX, createElement } from 'preact';

export function memo<Props extends object>(draw: (props: Props) => JSX.Element): ComponentType<Props> {
  class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const names = Object.keys(next) as (keyof Props)[];
      return names.some((name) => next[name] !== this.props[name]);
    }

    override render(): JSX.Element {
      return createElement(draw, this.props as Props & JSX.IntrinsicAttributes) as JSX.Element;
    }
  }
  return Memo as unknown as ComponentType<Props>;
}
