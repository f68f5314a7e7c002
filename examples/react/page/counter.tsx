import type { CounterFieldsFragment } from '../../gql/graphql.ts';

interface CounterProps {
  readonly state: CounterFieldsFragment;
  readonly onToggle: () => void;
  readonly onClear: () => void;
}

/** The counter of the background task. It knows nothing of where its state comes from. */
export function Counter({ state, onToggle, onClear }: CounterProps) {
  const { counter, maxCounter, running, percent } = state;
  return (
    <section className="card" aria-label="Background task">
      <p id="counter" className="counter" role="status">
        {counter} / {maxCounter}
      </p>
      <progress id="progress" max="100" value={percent} aria-label="Progress" />
      <p className="buttons">
        <button
          id="toggle"
          type="button"
          className="primary"
          disabled={!running && counter >= maxCounter}
          onClick={onToggle}
        >
          {running ? 'Stop' : 'Start'}
        </button>
        <button id="clear" type="button" onClick={onClear}>
          Clear
        </button>
      </p>
    </section>
  );
}
