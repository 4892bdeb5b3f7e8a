from belabridge.mapping.defaults import default_rules
from belabridge.mapping.plan import Plan
from belabridge.rules import InRule, OscOut, OutRule


def test_everything_out_and_in_under_names_of_their_own():
    names = ["pot", "a b", "a*b", "a_b"]
    out, in_ = default_rules(names, "/bela")
    addresses = ["/bela/pot", "/bela/a_b", "/bela/a_b_2", "/bela/a_b_3"]
    assert out == [OutRule(n, osc=OscOut(a)) for n, a in zip(names, addresses, strict=True)]
    assert in_ == [InRule(a, var=n) for n, a in zip(names, addresses, strict=True)]
    assert [rule.rate_hz for rule in out] == [50.0] * 4
    Plan(out, in_)
