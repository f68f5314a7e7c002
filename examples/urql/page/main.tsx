import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import { byId } from '../../page/dom.ts';
import { tabToken } from '../../react/page/tab-token.ts';
import { client } from './client.ts';
import { Examples } from './examples.tsx';

const token = await tabToken();
createRoot(byId('root', HTMLElement)).render(
  <StrictMode>
    <Provider value={client}>
      <Examples token={token} />
    </Provider>
  </StrictMode>,
);
