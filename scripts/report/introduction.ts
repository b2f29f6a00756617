import { html, type Markup } from "./html.js";

/** J = E ∫ e^{−γt} [ ‖θ̇‖²/2η + k·L(θ) ] dt. */
const objective = html`<math display="block" aria-label="J equals the expectation of the integral over time, discounted at gamma, of the squared speed of theta over two eta plus k times the loss">
<mrow><mi>J</mi><mo>=</mo><mi mathvariant="normal">E</mi>
<msubsup><mo largeop="true">∫</mo><mn>0</mn><mi>∞</mi></msubsup>
<msup><mi>e</mi><mrow><mo>−</mo><mi>γ</mi><mi>t</mi></mrow></msup>
<mrow><mo>[</mo>
<mfrac><mn>1</mn><mrow><mn>2</mn><mi>η</mi></mrow></mfrac>
<msup><mrow><mo>‖</mo><mover><mi>θ</mi><mo>˙</mo></mover><mo>‖</mo></mrow><mn>2</mn></msup>
<mo>+</mo><mi>k</mi><mspace width="0.15em"/><msub><mi>L</mi><mi>t</mi></msub><mo>(</mo><mi>θ</mi><mo>)</mo>
<mo>]</mo></mrow><mspace width="0.25em"/><mi>d</mi><mi>t</mi></mrow></math>`;

/** The idea in plain words, for someone who has not read the paper. */
export const introduction: Markup = html`
<p>Every optimizer is a way of walking over a loss landscape. Gradient descent walks straight downhill, momentum
carries on where it was going, Adam takes steps of much the same length everywhere. They are usually taken as
given. Here they are answers, and what follows asks whether the question is the right one.</p>
<p>The question: a learner moves its parameters <i>θ</i> over a loss <i>L</i>. It pays for being wrong, and it pays
for moving. What should it do, so that it pays least over the time that it cares about?</p>
<div class="objective">${objective}</div>
<dl class="facts">
<dt><i>η</i>, mobility</dt><dd>how cheap it is to move</dd>
<dt><i>k</i>, loss weight</dt><dd>how much being wrong matters</dd>
<dt><i>γ</i>, discount rate</dt><dd>how soon the future stops counting: the learner plans about 1/<i>γ</i> ahead</dd>
<dt>E, expectation</dt><dd>over all that the learner does not know: where the minimum is, how curved the loss
is, when the task will change, and the noise in what it sees</dd>
</dl>
<p>Say how the learner may move, what it can see, and what it does not know, and the best rule is a matter of
calculation. Momentum then comes out as the best answer to noise, adaptive steps as the answer to a curvature that is
not known, and a return to the initial weights as the answer to tasks that change.</p>
<p>This report puts that to the test. For each problem it calculates the optimal rule. Beside it, a neural network is
trained from scratch on the same problem: nobody tells it of any rule, only what its moves cost. Both are then probed
like black boxes, with the same inputs, and a criterion fixed beforehand says whether the network found what the
theory says is there to be found. Some of the checks are negative controls: policies that cannot show the effect, and
must not.</p>`;

/** How to read the tables. */
export const tableGuide: Markup = html`
<p><strong>Reading the tables.</strong> <em>Predicted</em> is the theory’s formula. <em>Exact</em> is the probe applied to
the calculated optimal policy. <em>Learned</em> is the same probe applied to the trained networks: the mean over
independent trainings, ± half its 95 % interval. The criterion says what the learned mean is held against.</p>`;
