"""Every service with a form of its own leads to its end, whoever asks: what no register knows they type themselves."""

import a_city
import pytest
from walking import carry_on, sent

from madang.records.catalogue import facade as catalogue
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Standing


@pytest.mark.parametrize("who", ["in_order", "walking_impaired"])
def test_each_service_with_a_form_of_its_own_leads_to_its_outcome(residents, time_passes, who):
    resident = a_city.resident(residents[who])
    services = {service.id: service for service in catalogue.services() if service.worked_out}
    cases = {service_id: sent(resident, service) for service_id, service in services.items()}
    time_passes()
    for _ in range(2):  # some are paid, some are decided
        for service_id, case in cases.items():
            carry_on(services[service_id], case)
        time_passes()
    ended = {service_id: applications.case_of(resident, case.number) for service_id, case in cases.items()}
    assert {key: case.standing for key, case in ended.items()} == dict.fromkeys(services, Standing.COMPLETED)
    assert all((case.document is None) == (services[key].outcome is None) for key, case in ended.items())
