//! Disputes: opened, won, lost.

use super::*;

pub(super) fn dispute(company: &mut Company, id: &str) -> Result<Id, ControlError> {
    let position = taken(company, id)?;
    let id = Id::new(IdKind::Dispute, company.disputes.len() as u32);
    let charge = &mut company.charges[position];
    charge.dispute = Some(id.n);
    let (entity, amount) = (charge.entity, charge.amount);
    company.disputes.push(Dispute {
        id,
        charge: position as u32,
        entity,
        created: company.now,
        closed_at: None,
        status: DisputeStatus::NeedsResponse,
    });
    transact(company, entity, TransactionKind::DisputeWithdrawal, id, -amount, 0);
    Ok(emit(company, entity, EventKind::DisputeCreated, id))
}

pub(super) fn close(company: &mut Company, id: &str, won: bool) -> Result<Id, ControlError> {
    let position = find(id, IdKind::Dispute, company.disputes.len())?;
    let now = company.now;
    let dispute = &mut company.disputes[position];
    if dispute.closed_at.is_some() {
        return Err(ControlError::WrongStatus(id.to_owned()));
    }
    dispute.closed_at = Some(now);
    dispute.status = if won { DisputeStatus::Won } else { DisputeStatus::Lost };
    let (entity, id, charge) = (dispute.entity, dispute.id, dispute.charge as usize);
    if won {
        let amount = company.charges[charge].amount;
        transact(company, entity, TransactionKind::DisputeReversal, id, amount, 0);
    }
    Ok(emit(company, entity, EventKind::DisputeClosed, id))
}
