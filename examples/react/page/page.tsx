import type { ReactNode } from 'react';
import { useConnection } from './socket.ts';

interface PageProps {
  readonly title: string;
  readonly lead: string;
  /** What went wrong last; null if nothing did. */
  readonly error: string | null;
  readonly children: ReactNode;
}

/** What is around an example. */
export function Page({ title, lead, error, children }: PageProps) {
  const connection = useConnection();
  return (
    <>
      <header>
        <a className="brand" href="/">
          statewire
        </a>
        <p id="connection" className="connection" role="status" data-state={connection}>
          {connection}
        </p>
      </header>
      <main>
        <h1>{title}</h1>
        <p className="lead">{lead}</p>
        {children}
        <p id="error" className="error" role="alert">
          {error}
        </p>
      </main>
    </>
  );
}
