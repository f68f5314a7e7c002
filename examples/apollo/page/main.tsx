import { ApolloProvider } from '@apollo/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { byId } from '../../page/dom.ts';
import { TabToken } from '../../page/token.ts';
import { issueToken } from '../../react/page/issue-token.ts';
import { client } from './client.ts';
import { Examples } from './examples.tsx';

const token = await new TabToken(issueToken).get();
createRoot(byId('root', HTMLElement)).render(
  <StrictMode>
    <ApolloProvider client={client}>
      <Examples token={token} />
    </ApolloProvider>
  </StrictMode>,
);
