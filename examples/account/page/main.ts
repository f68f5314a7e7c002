import { byId } from '../../page/dom.ts';
import { Failure } from '../../page/failure.ts';
import { startPage } from '../../page/start-page.ts';
import { Annotate, Deposit, WatchAccount, Withdraw } from './operations.ts';

const balance = byId('balance', HTMLElement);
const form = byId('transfer', HTMLFormElement);
const amount = byId('amount', HTMLInputElement);

const { session, render, act } = startPage();

render(WatchAccount, ({ state }) => {
  balance.textContent = `Balance: ${state.balance}`;
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const isDeposit = (event.submitter as HTMLButtonElement | null)?.value !== 'withdraw';
  const transfer = { amount: amount.valueAsNumber || 0 };
  void act(() => (isDeposit ? session.mutate(Deposit, transfer) : withdraw(transfer)));
});

byId('annotate', HTMLButtonElement).addEventListener('click', () =>
  act(() => session.mutate(Annotate, { note: 'A good customer.' })),
);

/** Too little money is not an error of the operation, but one of its results. */
async function withdraw(transfer: { readonly amount: number }): Promise<void> {
  const { accountWithdraw: result } = await session.mutate(Withdraw, transfer);
  if (result.__typename === 'InsufficientFunds') {
    throw new Failure(result.__typename, result.message);
  }
}
