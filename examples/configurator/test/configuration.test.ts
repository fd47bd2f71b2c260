import { expect } from 'chai';
import fc from 'fast-check';
import { BUNDLED_CATALOGUE as catalogue, isCatalogue } from '../src/catalogue.js';
import {
  choose,
  fit,
  fromQuery,
  optionsFor,
  startConfiguration,
  toQuery,
  totalCents,
} from '../src/configuration.js';
import { formatCents } from '../src/money.js';

const anyConfiguration = fc
  .record({
    model: fc.constantFrom(...catalogue.models.map(({ id }) => id), 'nest-999'),
    choices: fc.array(
      fc.constantFrom(
        ...catalogue.groups.flatMap((group) => group.options.map(({ id }) => [group.id, id] as const)),
      ),
    ),
  })
  .map(({ model, choices }) => fit(catalogue, { model, options: Object.fromEntries(choices) }));

describe('configuration', () => {
  it('starts every model at its own price, everything included', () => {
    for (const model of catalogue.models) {
      expect(totalCents(catalogue, startConfiguration(catalogue, model.id))).to.equal(model.priceCents);
    }
  });

  it('adds the surcharge of the chosen model', () => {
    const small = choose(catalogue, startConfiguration(catalogue, 'nest-80'), 'facade', 'wood');
    const large = choose(catalogue, small, 'model', 'nest-160');
    expect(totalCents(catalogue, small)).to.equal(18_490_000 + 944_000);
    expect(totalCents(catalogue, large)).to.equal(30_990_000 + 1_888_000);
  });

  it('keeps as many photovoltaic modules as fit on a smaller roof', () => {
    const large = choose(catalogue, startConfiguration(catalogue, 'nest-160'), 'photovoltaics', '28');
    expect(choose(catalogue, large, 'model', 'nest-80').options['photovoltaics']).to.equal('12');
  });

  it('survives the way through an address', () => {
    fc.assert(
      fc.property(anyConfiguration, (configuration) => {
        expect(fromQuery(catalogue, `?${toQuery(catalogue, configuration)}&lang=en`)).to.eql(configuration);
      }),
    );
  });

  it('can always be built, whatever the address asks for', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.string({ minLength: 1 }), (options, model) => {
        const configuration = fit(catalogue, { model, options });
        for (const group of catalogue.groups) {
          const possible = optionsFor(group, configuration.model).map(({ id }) => id);
          expect(possible).to.include(configuration.options[group.id]);
        }
      }),
    );
  });
});

describe('catalogue', () => {
  it('recognises its own file and nothing half', () => {
    expect(isCatalogue(catalogue)).to.equal(true);
    expect(isCatalogue({ ...catalogue, models: [] })).to.equal(false);
    expect(
      isCatalogue({ ...catalogue, groups: [{ id: 'facade', title: 'Fassade', options: [{}] }] }),
    ).to.equal(false);
    expect(isCatalogue(null)).to.equal(false);
  });

  it('names every surcharge for every model', () => {
    const models = catalogue.models.map(({ id }) => id).sort();
    for (const { priceCents } of catalogue.groups.flatMap(({ options }) => options)) {
      if (typeof priceCents !== 'number') expect(Object.keys(priceCents).sort()).to.eql(models);
    }
  });
});

describe('money', () => {
  it('is written as in Austria', () => {
    expect(formatCents(24_890_000, 'de', 'EUR').replaceAll('\u00a0', ' ')).to.equal('€ 248.900');
  });
});
