import { ApolloProvider } from '@apollo/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { byId } from '../../page/dom.ts';
import { tabToken } from '../../react/page/tab-token.ts';
import { client } from './client.ts';
import { Examples } from './examples.tsx';

const token = await tabToken();
createRoot(byId('root', HTMLElement)).render(
  <StrictMode>
    <ApolloProvider client={client}>
      <Examples token={token} />
    </ApolloProvider>
  </StrictMode>,
);
