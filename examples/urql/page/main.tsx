import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import { byId } from '../../page/dom.ts';
import { TabToken } from '../../page/token.ts';
import { issueToken } from '../../react/page/issue-token.ts';
import { client } from './client.ts';
import { Examples } from './examples.tsx';

const token = await new TabToken(issueToken).get();
createRoot(byId('root', HTMLElement)).render(
  <StrictMode>
    <Provider value={client}>
      <Examples token={token} />
    </Provider>
  </StrictMode>,
);
